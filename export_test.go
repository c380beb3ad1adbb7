package imbot

// Remembered is how many operating budgets and limiters the clients that come from one another keep.
func Remembered(c *Client) (budgets, limiters int) {
	own := &c.core.limiters
	own.mu.Lock()
	defer own.mu.Unlock()
	return c.core.operating.Len(), len(own.own)
}

package imbot

// Remembered is how many operating budgets and limiters the clients that come from one another keep.
func Remembered(c *Client) (budgets, limiters int) {
	operating := c.core.operating
	operating.mu.Lock()
	defer operating.mu.Unlock()
	own := &c.core.limiters
	own.mu.Lock()
	defer own.mu.Unlock()
	return len(operating.states), len(own.own)
}

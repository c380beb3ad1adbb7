module github.com/seed-a6e4e5a4/imbot/internal/consumer

go 1.26.0

require github.com/seed-a6e4e5a4/imbot v0.0.0

require (
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	github.com/google/go-querystring v1.2.0 // indirect
	golang.org/x/oauth2 v0.37.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/seed-a6e4e5a4/imbot => ../..

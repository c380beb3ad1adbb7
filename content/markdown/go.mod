module github.com/seed-a6e4e5a4/imbot/content/markdown

go 1.26.0

require (
	github.com/seed-a6e4e5a4/imbot v0.2.0
	github.com/stretchr/testify v1.12.1
	github.com/yuin/goldmark v1.8.7
)

require (
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/seed-a6e4e5a4/imbot => ../..

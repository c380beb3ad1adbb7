module github.com/seed-a6e4e5a4/imbot/cmd/imbot

go 1.26.0

require (
	github.com/alecthomas/kong v1.17.0
	github.com/rivo/uniseg v0.4.7
	github.com/schollz/progressbar/v3 v3.19.1
	github.com/seed-a6e4e5a4/imbot v0.2.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/term v0.44.0
)

require (
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.46.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/seed-a6e4e5a4/imbot => ../..

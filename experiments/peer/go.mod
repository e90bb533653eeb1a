module github.com/swimlab/swimlab/experiments/peer

go 1.26.0

require (
	github.com/hashicorp/serf v0.11.0
	github.com/stretchr/testify v1.12.1
	github.com/swimlab/swimlab v0.0.0
)

require (
	github.com/hashicorp/go-immutable-radix v1.3.1 // indirect
	github.com/hashicorp/go-metrics v0.7.0 // indirect
	github.com/hashicorp/golang-lru v1.0.2 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
)

replace github.com/swimlab/swimlab => ../..

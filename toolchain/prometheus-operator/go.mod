module headroom/toolchain/prometheus-operator

go 1.26.0

require (
	github.com/prometheus-operator/prometheus-operator v0.93.1
	github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring v0.93.1
	github.com/prometheus-operator/prometheus-operator/pkg/client v0.93.1
)

tool github.com/prometheus-operator/prometheus-operator/cmd/operator

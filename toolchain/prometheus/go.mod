module headroom/toolchain/prometheus

go 1.26.0

require github.com/prometheus/prometheus v0.313.2

tool (
	github.com/prometheus/prometheus/cmd/prometheus
	github.com/prometheus/prometheus/cmd/promtool
)

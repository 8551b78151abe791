// Package ext stands in for the extension point of Traefik's configuration, which upstream keeps empty in open builds.
package ext

// HTTP adds nothing to Traefik's HTTP configuration.
type HTTP struct{}

// Router adds nothing to a Traefik router.
type Router struct{}

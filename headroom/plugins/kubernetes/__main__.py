from headroom.plugins.kubernetes.server import main

main()

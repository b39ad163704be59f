module ambassador.link/test/cluster/pod

go 1.25.0

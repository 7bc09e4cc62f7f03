module splitlab.dev/test/cluster/components/pause

go 1.26

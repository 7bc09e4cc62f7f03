#!/bin/sh
# The first process of a node, in namespaces of its own: makes the node's file tree and starts its services.
#   init.sh STATE TOOLS PROGRAMS
# STATE: the node's folder, kept over restarts. TOOLS: tree with containerd and its like. PROGRAMS: kubelet, kube-proxy.
set -eu
state=$1 tools=$2 programs=$3
root=$state/root

hostname "$(cat "$state/hostname")"
mkdir -p "$root" "$state/var/log/pods" "$state/fake"
mount --bind "$root" "$root"
cd "$root"
mkdir -p usr etc var run proc sys dev tmp root node opt/kubernetes old
for folder in bin sbin lib lib64; do ln -sfn usr/$folder $folder; done
mount -t overlay -o ro,lowerdir="$tools/usr:/usr" overlay usr
mount --bind "$state" node
mount --bind "$state/var" var
mount --bind "$programs" opt/kubernetes
for folder in etc run tmp; do mount -t tmpfs -o mode=755 tmpfs $folder; done
chmod 1777 tmp
mount --rbind /dev dev
mount -t proc proc proc
mount -t sysfs sysfs sys

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  # A group of version 2 that passes controllers on may have no processes of its own.
  mkdir -p sys/fs/cgroup/init
  echo 0 > sys/fs/cgroup/init/cgroup.procs
  for controller in $(cat sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" > sys/fs/cgroup/cgroup.subtree_control || true
  done
else
  mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
  for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
    mkdir sys/fs/cgroup/$controller
    mount -t cgroup -o $controller cgroup sys/fs/cgroup/$controller
  done
  mkdir sys/fs/cgroup/systemd
  mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
fi

# Kernel settings have no namespaces: kubelet finds what it wants here, and so writes nothing to the machine's own.
fake() {
  name=$(echo "$1" | tr / _)
  echo "$2" > "$state/fake/$name"
  mount --bind "$state/fake/$name" "proc/sys/$1"
}
fake vm/overcommit_memory 1
fake vm/panic_on_oom 0
fake kernel/panic 10
fake kernel/panic_on_oops 1
fake kernel/keys/root_maxkeys 1000000
fake kernel/keys/root_maxbytes 25000000
fake kernel/random/boot_id "$(cat "$state/boot-id")"

cp "$state/hostname" "$state/machine-id" etc/
echo 'root:x:0:0:root:/root:/bin/sh' > etc/passwd
echo 'root:x:0:' > etc/group
echo "127.0.0.1 localhost $(hostname)" > etc/hosts
: > etc/resolv.conf
# Without the names of protocols nft prints numbers, and kube-proxy then removes rules of its own that it cannot read.
cp /etc/protocols /etc/nsswitch.conf etc/
mkdir -p etc/cni/net.d
cp "$state/cni.json" etc/cni/net.d/10-bridge.conflist

pivot_root . old
cd /
umount -l /old
mount --make-rshared /
sysctl -qw net.ipv4.ip_forward=1

export PATH=/opt/kubernetes:/usr/sbin:/usr/bin
containerd --config /node/containerd.toml > /node/containerd.log 2>&1 &
until [ -S /run/containerd/containerd.sock ] && ctr version > /dev/null 2>&1; do sleep 0.05; done
: > /node/containerd.ready
kube-proxy --config /node/kube-proxy.json > /node/kube-proxy.log 2>&1 &
kubelet --config /node/kubelet.json --kubeconfig /node/kubelet.kubeconfig \
  --hostname-override "$(hostname)" --node-ip "$(cat /node/address)" > /node/kubelet.log 2>&1 &
# Orphans become children of this process; waiting is what buries them.
while :; do
  sleep 3600 &
  wait $! || true
done

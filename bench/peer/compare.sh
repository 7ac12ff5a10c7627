#!/bin/sh
# Compares our kernels with PyTorch's on this machine, in turns: bench/peer/compare.sh [PAIRS [PATTERN [frozen]]]
#   PYTHON   a python3 that can import torch (default: python3)
#   THREADS  how many threads each side gets (default: 2)
set -eu
home=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}
if ! "$python" -c 'import torch' 2>/dev/null; then
  echo "compare.sh: '$python' has no torch; set PYTHON to one that has, or: pip install torch" >&2
  exit 1
fi
"$home/lethe" jmh -l >/dev/null

java=java
for candidate in "${LETHE_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
  if [ -x "$candidate/bin/java" ] && "$candidate/bin/java" --list-modules | grep -q 'java.base@2[5-9]'; then
    java=$candidate/bin/java
    break
  fi
done
target=$home/target
exec "$java" \
  --add-modules jdk.incubator.vector \
  --enable-native-access=ALL-UNNAMED \
  -XX:+UseParallelGC \
  -XX:+UseCompactObjectHeaders \
  -XX:+UseTransparentHugePages \
  -XX:ActiveProcessorCount="${THREADS:-2}" \
  -Xmx4g \
  -cp "$target/lethe.jar:$target/bench/classes:$target/bench/lib/*" \
  io.lethe.bench.PeerComparison "$python" "$home/bench/peer/torch_peer.py" "$@"

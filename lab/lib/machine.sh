# What the lab needs of the machine it runs on: packages, and files that its programs see instead of the machine's own.
# Sourced by record.sh and live.sh, which set LAB and RUN.

fail() {
  echo "lab: $1" >&2
  exit 1
}

# Names of the packages that are not installed, one a line.
packages_missing() {
  local package
  while read -r package; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done <"$LAB/packages.txt"
}

# One resolver for all hosts, and a root account that sshd does not take for locked; seen only in here.
private_files() {
  echo 'nameserver 10.20.0.1' >"$RUN/resolv.conf"
  sed 's/^root:[^:]*/root:*/' /etc/shadow >"$RUN/shadow"
  printf '127.0.0.1 localhost\n::1 localhost\n' >"$RUN/hosts"
  mount --bind "$RUN/resolv.conf" "$(realpath /etc/resolv.conf)"
  mount --bind "$RUN/shadow" /etc/shadow
  mount --bind "$RUN/hosts" /etc/hosts
}

#!/usr/bin/env bash
# Records the lab's small site from real programs in network namespaces; README.md says what is recorded.
# It changes nothing outside lab/captures: all hosts, mounts and programs live in namespaces that end with it.
set -euo pipefail

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
NORMAL_SECONDS=90
ATTACK_SECONDS=45
# Whole ClientHello (603 bytes in IPv6), DNS, HTTP heads, MQTT and Modbus; the rest of long packets is not needed.
SNAP_BYTES=640
# shellcheck source=lib/machine.sh
source "$LAB/lib/machine.sh"

main() {
  if [[ ${1-} == inside ]]; then
    inside
    return
  fi
  [[ $EUID -eq 0 ]] || fail 'recording needs root, for network namespaces and tcpdump'
  packages_needed
  # The process namespace ends every program with the script, however the script ends; unshare itself heeds only KILL.
  unshare --net --mount --pid --fork --kill-child --mount-proc bash "$LAB/record.sh" inside &
  trap "kill -KILL $!" INT TERM HUP
  wait "$!"
}

packages_needed() {
  local missing
  mapfile -t missing < <(packages_missing)
  ((${#missing[@]} == 0)) && return
  command -v apt-get >/dev/null || fail "install first: ${missing[*]}"
  echo "lab: installing ${missing[*]}"
  install_quietly "${missing[@]}" || fail "cannot install: ${missing[*]}"
}

# Several of the packages are servers; none of them may start on the machine itself.
install_quietly() {
  local guard=/usr/sbin/policy-rc.d status=0
  if [[ ! -e $guard ]]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$guard"
    chmod +x "$guard"
  fi
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >/dev/null || status=$?
  if [[ -n $(trap -p EXIT) ]]; then
    rm -f "$guard"
    trap - EXIT
  fi
  return "$status"
}

inside() {
  mount --make-rprivate /
  mount -t tmpfs tmpfs /run
  RUN=/run/lab
  OUT=$RUN/captures
  SERVERS=()
  mkdir -p "$RUN/log" "$OUT/formats" /run/sshd /run/netns
  trap 'ended $?' EXIT
  private_files
  # shellcheck source=lib/site.sh
  source "$LAB/lib/site.sh"
  # shellcheck source=lib/work.sh
  source "$LAB/lib/work.sh"
  # shellcheck source=lib/formats.sh
  source "$LAB/lib/formats.sh"
  site_up
  servers_up
  sleep 2
  record site-normal.pcap "$NORMAL_SECONDS" formats_begin
  formats_end
  record site-attack.pcap "$ATTACK_SECONDS" attack
  formats_made
  formats_converted
  publish_captures
}

# One recording on the switch, where each packet passes once: switch on all hosts, work, and what happens besides.
record() {
  local file=$1 seconds=$2 besides=$3 tap
  echo "lab: recording $file for about $seconds s"
  tcpdump -Z root -U -n -i switch -s "$SNAP_BYTES" -B 8192 -w "$OUT/$file" 2>>"$RUN/log/tcpdump" &
  tap=$!
  sleep 1
  join_all
  sleep 2
  work_begin "$seconds"
  "$besides"
  work_end
  sleep 2
  kill -INT "$tap"
  wait "$tap" || true
}

publish_captures() {
  local names
  mapfile -t names < <(cd "$OUT" && find . -type f | sed 's|^\./||' | LC_ALL=C sort)
  python3 "$LAB/truth.py" "$OUT" "$OUT" "${names[@]}"
  mkdir -p "$LAB/captures/formats"
  cp -r "$OUT/." "$LAB/captures/"
  echo "lab: wrote ${#names[@]} captures to $LAB/captures"
}

# A recording is published whole or not at all; the end of the process namespace ends whatever still runs.
ended() {
  if (($1 != 0)); then
    echo 'lab: failed; nothing was written. Last lines of the hosts:' >&2
    tail -n 4 "$RUN"/log/* >&2 || true
  fi
  ((${#SERVERS[@]} == 0)) || kill "${SERVERS[@]}" 2>/dev/null || true
}

main "$@"

#!/usr/bin/env bash
# The lab's site alive behind a gateway: up, work, attack, exec, down. README.md says what stands where. Not the gateway's policy: that is Picket's.
# Everything lives in namespaces of one keeper process, so ending the keeper takes everything away; nothing else of the machine is touched.
set -euo pipefail

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RUN=/run/lab
# shellcheck source=lib/machine.sh
source "$LAB/lib/machine.sh"
# shellcheck source=lib/site.sh
source "$LAB/lib/site.sh"
# shellcheck source=lib/work.sh
source "$LAB/lib/work.sh"
# shellcheck source=lib/gateway.sh
source "$LAB/lib/gateway.sh"
# shellcheck source=lib/day.sh
source "$LAB/lib/day.sh"
# shellcheck source=lib/attacks.sh
source "$LAB/lib/attacks.sh"

# Programs take seconds to start on a busy machine; after this the site counts as failed.
READY_SECONDS=90

main() {
  local what=${1-} folder=${2-}
  if [[ $what == missing ]]; then
    packages_missing
    return
  fi
  [[ -n $folder ]] || usage
  [[ $EUID -eq 0 ]] || fail 'the live lab needs root, for network namespaces; nothing was changed'
  case $what in
  up) up "$folder" ;;
  keeper) keeper "$folder" ;;
  day | attack | exec) enter "$folder" "$what" "${@:3}" ;;
  inside-day | inside-attack | inside-exec) "${what/inside-/inside_}" "${@:3}" ;;
  agent) agent_begin "$folder" ;;
  down) down "$folder" ;;
  *) usage ;;
  esac
}

usage() {
  fail 'usage: live.sh up|agent|down FOLDER, live.sh day FOLDER SECONDS, live.sh attack FOLDER [NAME...], live.sh exec FOLDER HOST COMMAND...'
}

up() {
  local folder=$1 missing
  mapfile -t missing < <(packages_missing)
  ((${#missing[@]} == 0)) || fail "these packages are missing: ${missing[*]}; install them with: apt-get install --no-install-recommends ${missing[*]}; nothing was changed"
  mkdir -p -m 0700 "$folder"
  [[ ! -e $folder/keeper ]] || ! keeper_lives "$folder" || fail "a site is up in $folder already; end it with: live.sh down $folder"
  rm -f "$folder/ready" "$folder/failed"
  setsid unshare --net --mount --pid --fork --kill-child --mount-proc bash "$LAB/live.sh" keeper "$folder" \
    </dev/null >"$folder/log" 2>&1 &
  note_keeper "$folder" "$!"
  local i
  for ((i = 0; i < READY_SECONDS * 5; i++)); do
    [[ ! -e $folder/ready ]] || { echo "lab: the site is up in $folder"; return; }
    keeper_lives "$folder" || break
    sleep 0.2
  done
  tail -n 30 "$folder/log" >&2
  down "$folder"
  fail 'the site did not come up; nothing was left behind'
}

# A process is known by its number and the moment it began, so that no other one is ever taken for it.
began() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  cut -d' ' -f20 <<<"$stat"
}

note_keeper() {
  echo "$2 $(began "$2")" >"$1/keeper"
}

keeper_lives() {
  noted_lives "$1/keeper"
}

# Whether the process of a note lives.
noted_lives() {
  local pid start
  [[ -e $1 ]] || return 1
  read -r pid start <"$1"
  [[ $(began "$pid") == "$start" ]]
}

# Ends the process of a note, if it lives, and waits until it is gone.
end_noted() {
  local pid start i
  noted_lives "$1" || return 0
  read -r pid start <"$1"
  kill -KILL "$pid"
  for ((i = 0; i < 100; i++)); do
    noted_lives "$1" || return 0
    sleep 0.1
  done
}

# The keeper's child is the first process of the lab's own process namespace.
first_process() {
  local pid start
  keeper_lives "$1" || fail "no site is up in $1; begin with: live.sh up $1"
  read -r pid start <"$1/keeper"
  tr -d ' ' <"/proc/$pid/task/$pid/children"
}

enter() {
  local folder=$1 what=$2 first
  first=$(first_process "$folder")
  exec nsenter --target "$first" --net --mount --pid bash "$LAB/live.sh" "inside-$what" "$folder" "${@:3}"
}

# Picket's own agent on the site's gateway: in its network, else in the machine's own world, so that commands reach it from there.
agent_begin() {
  local folder=$1 first
  first=$(first_process "$folder")
  mkdir -p -m 0700 "$folder/state" "$folder/run"
  setsid nsenter --net="/proc/$first/root/run/netns/router" "$LAB/../picket" agent run --checked \
    --state "$folder/state" --socket "$folder/run/agent.sock" </dev/null >>"$folder/agent.log" 2>&1 &
  echo "$! $(began "$!")" >"$folder/agent"
}

inside_exec() {
  exec ip netns exec "$@"
}

keeper() {
  local folder=$1
  mount --make-rprivate /
  mount -t tmpfs tmpfs /run
  mkdir -p "$RUN/log" /run/sshd /run/netns
  SERVERS=()
  private_files
  live_site_up
  servers_up
  join_all
  addresses_settled
  touch "$folder/ready"
  wait
}

down() {
  local folder=$1
  end_noted "$folder/agent"
  end_noted "$folder/keeper"
  rm -rf "$folder/keeper" "$folder/ready" "$folder/log" "$folder/agent" "$folder/agent.log" "$folder/state" "$folder/run"
  rmdir "$folder" 2>/dev/null || true
  echo "lab: the site in $folder is gone"
}

main "$@"

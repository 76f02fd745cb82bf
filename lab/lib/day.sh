# One day of the live site's work, sped up to some seconds, where every piece of work says whether it was done. Sourced by live.sh.
# Each day has the same conversations; what a day proves is therefore a week of conversations, not a week of the clock.

# Every piece of work adds one line: what, and whether it was done.
task() {
  local name=$1 status=0
  shift
  "$@" || status=$?
  if ((status == 0)); then echo "$name done" >>"$RUN/tasks"; else echo "$name failed $status" >>"$RUN/tasks"; fi
}

inside_day() {
  local seconds=$1 host
  : >"$RUN/tasks"
  WORKERS=()
  background leases
  background video "$seconds"
  background dashboard "$seconds"
  background task 'sensor: readings on one connection' readings "$seconds"
  background task 'scada: polls on one connection' long_poll "$seconds"
  background telemetry
  background office
  background firmware
  background task 'admin: shell on nvr' administrate nvr
  background task 'admin: shell on web' administrate web
  for host in camera nvr sensor plc pc; do background task "$host: time" ask_time "$host"; done
  wait "${WORKERS[@]}"
  sort "$RUN/tasks"
  ! grep -q ' failed ' "$RUN/tasks"
}

# A day begins with every host asking for its address again, with its name.
leases() {
  local entry host waits=()
  for entry in "${HOSTS[@]}"; do
    host=${entry%:*}
    task "$host: lease" on "$host" udhcpc -f -q -n -i eth0 -t 8 -T 2 -x "hostname:$host" -s "$LAB/config/udhcpc.sh" &
    waits+=("$!")
  done
  wait "${waits[@]}"
}

video() {
  local seconds=$1 recorder
  task 'nvr: video received' nvr_receives "$seconds" &
  recorder=$!
  task 'camera: video sent' camera_sends "$seconds"
  wait "$recorder"
}

nvr_receives() {
  on nvr timeout "$(($1 + 60))" ffmpeg -nostdin -v error -rtsp_flags listen -i rtsp://nvr.site.test:554/lobby -c copy -f null -
}

# The recorder's program needs a moment before it listens.
camera_sends() {
  local i
  for ((i = 0; i < 200; i++)); do
    [[ -z $(ip netns exec nvr ss -Htln 'sport = :554') ]] || break
    sleep 0.2
  done
  on camera timeout "$(($1 + 40))" ffmpeg -nostdin -v error -re -f lavfi -i testsrc2=size=176x144:rate=5 -t "$1" \
    -c:v libx264 -preset ultrafast -tune zerolatency -b:v 40k -maxrate 50k -bufsize 50k -g 50 \
    -f rtsp -rtsp_transport tcp -pkt_size 560 rtsp://nvr.site.test:554/lobby
}

# The dashboard has done its work when it heard of the temperature and of the door.
dashboard() {
  local seconds=$1
  ip netns exec web mosquitto_sub -h broker.site.test -i dashboard -t 'site/#' -q 1 -W "$seconds" -v >"$RUN/heard" 2>>"$RUN/log/web" || true
  task 'web: dashboard heard temperature' grep -q '^site/hall/temperature ' "$RUN/heard"
  task 'web: dashboard heard door' grep -q '^site/hall/door ' "$RUN/heard"
}

readings() {
  local count=$(($1 - 2)) i
  for ((i = 0; i < count; i++)); do
    echo "{\"celsius\":21.$((i % 10))}"
    sleep 1
  done | on sensor mosquitto_pub -h broker.site.test -i sensor-climate -t site/hall/temperature -q 0 -l
}

# mbpoll goes on after a failed poll, so its words decide.
long_poll() {
  local heard=$RUN/polled
  ip netns exec scada timeout "$(($1 - 2))" stdbuf -oL mbpoll -m tcp -a 1 -0 -t 4 -r 0 -c 10 -l 1000 plc.site.test >"$heard" 2>&1 || true
  grep -q '^\[9\]:' "$heard" && ! grep -qi 'failed' "$heard"
}

telemetry() {
  sleep 2
  task 'sensor: door opens' publish
  task 'scada: coils' modbus scada plc.site.test '-1 -t 0 -r 0 -c 8'
  task 'scada: inputs' modbus scada plc.site.test '-1 -t 1 -r 0 -c 8'
  task 'scada: input registers' modbus scada plc.site.test '-1 -t 3 -r 10 -c 4'
  task 'scada: set point' modbus scada plc.site.test '-t 4 -r 5' 42
  task 'sensor: door closes' publish
}

office() {
  sleep 1
  task 'pc: intranet' fetch pc --fail http://www.site.test/
  task 'pc: intranet over TLS' fetch pc --fail https://www.site.test/
  task 'pc: wiki' fetch pc --fail https://wiki.site.test/
  task 'pc: news' fetch pc --fail https://www.news.example/
  task 'pc: intranet again' fetch pc --fail http://www.site.test/
}

firmware() {
  task 'camera: firmware over TLS' fetch camera --fail https://firmware.camvendor.example/version
  task 'camera: firmware' fetch camera --fail http://firmware.camvendor.example/version
}

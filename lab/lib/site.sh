# The lab's site: a switch (this script's own network namespace), one namespace per host, and the servers.
# Sourced by record.sh inside its private namespaces; all of it vanishes with them.

# Name and last byte of MAC and IPv4 address of every host that gets its address by DHCP.
readonly HOSTS=(camera:10 nvr:11 sensor:20 broker:21 scada:30 plc:31 web:40 pc:50 admin:51)

# Starts a program in a host's namespace; its output goes to a log that is shown when something fails.
on() {
  local host=$1
  shift
  ip netns exec "$host" "$@" >>"$RUN/log/$host" 2>&1
}

server() {
  on "$@" &
  SERVERS+=("$!")
}

plug() {
  local host=$1 byte=$2
  ip netns add "$host"
  ip link add "p-$host" type veth peer name eth0 netns "$host" address "02:0a:14:00:00:$byte"
  ip link set "p-$host" master switch up
  # Without this the kernel would hand over joined segments of up to 64 kB and checksums that are not yet made.
  ethtool -K "p-$host" tx off tso off gso off gro off >/dev/null
  ip netns exec "$host" ethtool -K eth0 tx off tso off gso off gro off >/dev/null
  ip -n "$host" link set lo up
}

site_up() {
  # The switch only forwards: without this its own ports would speak IPv6 as well.
  sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  ip link set lo up
  ip link add switch type bridge mcast_snooping 0 forward_delay 0
  ip link set switch up
  local entry
  plug router 01
  for entry in "${HOSTS[@]}"; do plug "${entry%:*}" "${entry#*:}"; done
  router_up
  outside_up
}

router_up() {
  ip -n router address add 10.20.0.1/24 dev eth0
  ip -n router address add fd0a:1400:20::1/64 dev eth0 nodad
  ip netns exec router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  ip -n router link set eth0 up
}

# The outside: addresses that count as internet, one hop behind the router.
outside_up() {
  ip netns add outside
  ip -n router link add wan type veth peer name eth0 netns outside
  ip netns exec router ethtool -K wan tx off tso off gso off gro off >/dev/null
  ip netns exec outside ethtool -K eth0 tx off tso off gso off gro off >/dev/null
  ip -n router address add 203.0.113.1/24 dev wan
  ip -n router link set wan up
  ip -n outside link set lo up
  local address
  for address in 203.0.113.10 203.0.113.20 203.0.113.66; do ip -n outside address add "$address/24" dev eth0; done
  ip -n outside link set eth0 up
  ip -n outside route add default via 203.0.113.1
}

web_server() {
  local host=$1 names=$2 folder=$RUN/web-$1 bytes=$3
  mkdir -p "$folder/html" "$folder/upload"
  cp "$LAB/config/nginx.conf" "$folder/"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=${names%%,*}" \
    -addext "subjectAltName=DNS:${names//,/,DNS:}" -keyout "$folder/tls.key" -out "$folder/tls.crt" 2>/dev/null
  head -c "$bytes" /dev/zero | tr '\0' 'x' >"$folder/html/index.html"
  echo 1.4.2 >"$folder/html/version"
  server "$host" nginx -p "$folder/" -c nginx.conf
}

servers_up() {
  server router dnsmasq --conf-file="$LAB/config/dnsmasq.conf"
  server router chronyd -x -d -u root -f "$LAB/config/chrony-server.conf"
  server broker mosquitto -c "$LAB/config/mosquitto.conf"
  server plc /usr/bin/python3 "$LAB/modbus-unit.py"
  web_server web www.site.test,wiki.site.test 4000
  web_server outside firmware.camvendor.example,www.news.example 6000
  ssh-keygen -q -t ed25519 -N '' -C lab -f "$RUN/ssh-host-key"
  ssh-keygen -q -t ed25519 -N '' -C lab -f "$RUN/ssh-key"
  server nvr /usr/sbin/sshd -D -e -f "$LAB/config/sshd_config"
  server web /usr/sbin/sshd -D -e -f "$LAB/config/sshd_config"
}

# A host joins as if just switched on: link, IPv6 address from the router's advertisement, lease with its host name.
join() {
  local host=$1
  ip -n "$host" link set eth0 down
  ip -n "$host" address flush dev eth0
  ip -n "$host" link set eth0 up
  on "$host" udhcpc -f -q -n -i eth0 -t 5 -T 2 -x "hostname:$host" -s "$LAB/config/udhcpc.sh"
}

join_all() {
  local entry waits=()
  for entry in "${HOSTS[@]}"; do
    join "${entry%:*}" &
    waits+=("$!")
    sleep 0.3
  done
  wait "${waits[@]}"
}

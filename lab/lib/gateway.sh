# The live site's shape: as in site.sh, but the switch is a bridge of the router itself, so that Picket on it can stand between any two hosts.
# Sourced by live.sh after site.sh. The bridge is called eth0, since that is where the router's servers listen.

live_site_up() {
  local entry
  ip netns add router
  ip -n router link set lo up
  ip -n router link add eth0 address 02:0a:14:00:00:01 type bridge mcast_snooping 0 forward_delay 0
  router_up
  for entry in "${HOSTS[@]}"; do plug_in "${entry%:*}" "${entry#*:}"; done
  outside_up
}

plug_in() {
  local host=$1 byte=$2
  ip netns add "$host"
  ip -n router link add "p-$host" type veth peer name eth0 netns "$host" address "02:0a:14:00:00:$byte"
  # The port only forwards: without this it would speak IPv6 in its own name.
  ip netns exec router sysctl -qw "net.ipv6.conf.p-$host.disable_ipv6=1"
  ip -n router link set "p-$host" master eth0 up
  ip netns exec router ethtool -K "p-$host" tx off tso off gso off gro off >/dev/null
  ip netns exec "$host" ethtool -K eth0 tx off tso off gso off gro off >/dev/null
  ip -n "$host" link set lo up
}

# Every host has its addresses, IPv6 after the check for duplicates, before anything is counted.
addresses_settled() {
  local entry i
  for entry in "${HOSTS[@]}"; do
    for ((i = 0; i < 150; i++)); do
      is_settled "${entry%:*}" && break
      sleep 0.2
    done
    is_settled "${entry%:*}" || fail "${entry%:*} got no addresses"
  done
}

is_settled() {
  local shown
  shown=$(ip -n "$1" address show dev eth0)
  [[ $shown == *'inet 10.20.0.'* && $shown == *'inet6 fd0a:1400:20:'* && $shown != *tentative* ]]
}

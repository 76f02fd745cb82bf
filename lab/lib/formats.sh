# Small captures of the site in other file formats and link layers. Sourced by record.sh.

# Records in a namespace until COUNT packets or SECONDS: tap HOST SECONDS FILE OPTIONS...
tap() {
  local host=$1 seconds=$2 file=$3
  shift 3
  ip netns exec "$host" timeout --signal=INT "$seconds" tcpdump -Z root -U -n -s "$SNAP_BYTES" -w "$OUT/formats/$file" "$@" 2>>"$RUN/log/tcpdump" &
  TAPS+=("$!")
}

# Taps inside hosts while the ordinary recording runs: what a host itself sees.
formats_begin() {
  TAPS=()
  tap web 60 cooked-v1.pcap -i any -y LINUX_SLL -c 200
  tap broker 60 cooked-v2.pcap -i any -y LINUX_SLL2 -c 200
  tap scada 60 nanosecond.pcap -i eth0 --time-stamp-precision=nano -c 200
}

formats_end() {
  wait "${TAPS[@]}" || true
}

# On the switch, with traffic made for the purpose.
switch_tap() {
  local file=$1
  shift
  tcpdump -Z root -U -n -i switch -s "${SNAP:-$SNAP_BYTES}" -w "$OUT/formats/$file" "$@" 2>>"$RUN/log/tcpdump" &
  SWITCH_TAP=$!
  sleep 1
}

switch_untap() {
  sleep 1
  kill -INT "$SWITCH_TAP"
  wait "$SWITCH_TAP" || true
}

formats_made() {
  local web6=fd0a:1400:20:0:a:14ff:fe00:40
  switch_tap ipv6.pcap -c 300 ip6
  on pc ping -6 -c 3 -i 0.3 "$web6" || true
  fetch pc "http://[$web6]/" || true
  fetch pc https://wiki.site.test/ || true
  switch_untap

  SNAP=1600 switch_tap fragments.pcap -c 300 'icmp or icmp6 or ip[6:2] & 0x3fff != 0 or ip6[6] = 44'
  on pc ping -c 3 -i 0.3 -s 4000 web.site.test || true
  on pc ping -6 -c 3 -i 0.3 -s 4000 "$web6" || true
  switch_untap
  made_loopback
  made_raw_ip
}

made_loopback() {
  TAPS=()
  tap broker 5 loopback.pcap -i lo -c 200
  sleep 1
  on broker mosquitto_pub -h 127.0.0.1 -i local-check -t site/self/test -q 1 -m ok || true
  on broker ping -c 2 -i 0.3 127.0.0.1 || true
  wait "${TAPS[@]}" || true
}

# A tunnel device has no link layer, so its packets are bare IP.
made_raw_ip() {
  local ends=()
  ip netns exec pc socat TUN:10.99.0.1/24,tun-name=tun0,iff-no-pi,iff-up UDP4-DATAGRAM:10.20.0.40:5555,bind=:5555 2>>"$RUN/log/pc" &
  ends+=("$!")
  ip netns exec web socat TUN:10.99.0.2/24,tun-name=tun0,iff-no-pi,iff-up UDP4-DATAGRAM:10.20.0.50:5555,bind=:5555 2>>"$RUN/log/web" &
  ends+=("$!")
  sleep 1
  TAPS=()
  tap pc 6 raw-ip.pcap -i tun0 -c 200
  sleep 1
  on pc ping -c 3 -i 0.3 10.99.0.2 || true
  fetch pc http://10.99.0.2/ || true
  wait "${TAPS[@]}" || true
  kill "${ends[@]}" || true
  wait "${ends[@]}" || true
}

# The first packets of the ordinary recording again, in other containers. Times are the recording's own.
formats_converted() {
  local formats=$OUT/formats
  editcap -F pcap -r "$OUT/site-normal.pcap" "$RUN/short.pcap" 1-250
  editcap -F pcapng "$RUN/short.pcap" "$formats/container.pcapng"
  gzip -nc "$RUN/short.pcap" >"$formats/compressed.pcap.gz"
  tcprewrite --enet-vlan=add --enet-vlan-tag=20 --enet-vlan-cfi=0 --enet-vlan-pri=0 \
    --infile="$RUN/short.pcap" --outfile="$formats/vlan.pcap"
}

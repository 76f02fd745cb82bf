#!/bin/sh
# What a host does with its DHCP lease: address and route, nothing that outlives its namespace.
case "$1" in
bound | renew)
  ip address replace "$ip/${mask:-24}" dev "$interface"
  [ -z "$router" ] || ip route replace default via "${router%% *}"
  ;;
esac

#!/usr/bin/python3
# The lab's Modbus unit: a pymodbus server on TCP 502 with a hundred of each kind of value. It is no simulation of a process.

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartTcpServer


def block(start):
    return ModbusSequentialDataBlock(0, [(start + i) % 2 if start < 2 else start + i for i in range(101)])


unit = ModbusSlaveContext(di=block(0), co=block(1), hr=block(100), ir=block(200))
StartTcpServer(context=ModbusServerContext(slaves=unit, single=True), address=("0.0.0.0", 502))

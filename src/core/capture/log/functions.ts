// Words that logs write for function codes of industrial protocols, as the numbers that packets carry. Sources: Modbus application protocol V1.1b3, IEEE 1815, and the words of Zeek and Suricata.

/** Modbus function by Zeek's word; its answers with an exception end in `_EXCEPTION`. */
const MODBUS: ReadonlyMap<string, number> = new Map([
  ['READ_COILS', 1],
  ['READ_DISCRETE_INPUTS', 2],
  ['READ_HOLDING_REGISTERS', 3],
  ['READ_INPUT_REGISTERS', 4],
  ['WRITE_SINGLE_COIL', 5],
  ['WRITE_SINGLE_REGISTER', 6],
  ['READ_EXCEPTION_STATUS', 7],
  ['DIAGNOSTICS', 8],
  ['PROGRAM_484', 9],
  ['POLL_484', 10],
  ['GET_COMM_EVENT_COUNTER', 11],
  ['GET_COMM_EVENT_LOG', 12],
  ['PROGRAM_584_984', 13],
  ['POLL_584_984', 14],
  ['WRITE_MULTIPLE_COILS', 15],
  ['WRITE_MULTIPLE_REGISTERS', 16],
  ['REPORT_SLAVE_ID', 17],
  ['PROGRAM_884_U84', 18],
  ['RESET_COMM_LINK_884_U84', 19],
  ['READ_FILE_RECORD', 20],
  ['WRITE_FILE_RECORD', 21],
  ['MASK_WRITE_REGISTER', 22],
  ['READ_WRITE_MULTIPLE_REGISTERS', 23],
  ['READ_FIFO_QUEUE', 24],
  ['PROGRAM_CONCEPT', 40],
  ['ENCAP_INTERFACE_TRANSPORT', 43],
  ['FIRMWARE_REPLACEMENT', 125],
  ['PROGRAM_584_984_2', 126],
  ['REPORT_LOCAL_ADDRESS_MODICON', 127],
]);

/** The function code of a word or number, -1 when it is none. */
export function modbusFunction(word: string): number {
  const plain = word.toUpperCase().replace(/_EXCEPTION$/, '');
  return MODBUS.get(plain) ?? numberOf(word);
}

/** DNP3 application functions in the order of their codes, 0 to 33. */
const DNP3_REQUESTS: readonly string[] = [
  'CONFIRM',
  'READ',
  'WRITE',
  'SELECT',
  'OPERATE',
  'DIRECT_OPERATE',
  'DIRECT_OPERATE_NR',
  'IMMED_FREEZE',
  'IMMED_FREEZE_NR',
  'FREEZE_CLEAR',
  'FREEZE_CLEAR_NR',
  'FREEZE_AT_TIME',
  'FREEZE_AT_TIME_NR',
  'COLD_RESTART',
  'WARM_RESTART',
  'INITIALIZE_DATA',
  'INITIALIZE_APPL',
  'START_APPL',
  'STOP_APPL',
  'SAVE_CONFIG',
  'ENABLE_UNSOLICITED',
  'DISABLE_UNSOLICITED',
  'ASSIGN_CLASS',
  'DELAY_MEASURE',
  'RECORD_CURRENT_TIME',
  'OPEN_FILE',
  'CLOSE_FILE',
  'DELETE_FILE',
  'GET_FILE_INFO',
  'AUTHENTICATE_FILE',
  'ABORT_FILE',
  'ACTIVATE_CONFIG',
  'AUTHENTICATE_REQ',
  'AUTHENTICATE_ERR',
];
const DNP3_ANSWERS: ReadonlyMap<string, number> = new Map([
  ['RESPONSE', 129],
  ['UNSOLICITED_RESPONSE', 130],
  ['AUTHENTICATE_RESP', 131],
]);

/** The function code of a word or number, -1 when it is none. */
export function dnp3Function(word: string): number {
  const request = DNP3_REQUESTS.indexOf(word.toUpperCase());
  return request >= 0 ? request : (DNP3_ANSWERS.get(word.toUpperCase()) ?? numberOf(word));
}

/** `3`, or Zeek's `unknown-101` for a code without a word. */
function numberOf(word: string): number {
  const match = /^(?:unknown-)?(\d{1,3})$/i.exec(word);
  return match !== null && Number(match[1]) <= 255 ? Number(match[1]) : -1;
}

/** MQTT packet type by Suricata's and Zeek's words. */
const MQTT: ReadonlyMap<string, number> = new Map([
  ['connect', 1],
  ['connack', 2],
  ['publish', 3],
  ['puback', 4],
  ['pubrec', 5],
  ['pubrel', 6],
  ['pubcomp', 7],
  ['subscribe', 8],
  ['suback', 9],
  ['unsubscribe', 10],
  ['unsuback', 11],
  ['pingreq', 12],
  ['pingresp', 13],
  ['disconnect', 14],
  ['auth', 15],
]);

export function mqttType(word: string): number {
  return MQTT.get(word.toLowerCase()) ?? -1;
}

/** An HTTP method as the wire has it, or '' for what is no word: it comes from whoever sent it. */
export function httpMethod(word: string): string {
  return /^[A-Za-z][A-Za-z_-]{0,31}$/.test(word) ? word : '';
}

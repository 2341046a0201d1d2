/** Commands of SMB 2 and 3 (MS-SMB2, 2.2.1) by number, as other network tools name them. */
const SMB2_COMMANDS = [
  'NEGOTIATE_PROTOCOL',
  'SESSION_SETUP',
  'SESSION_LOGOFF',
  'TREE_CONNECT',
  'TREE_DISCONNECT',
  'CREATE',
  'CLOSE',
  'FLUSH',
  'READ',
  'WRITE',
  'LOCK',
  'IOCTL',
  'CANCEL',
  'KEEPALIVE',
  'FIND',
  'CHANGE_NOTIFY',
  'GET_INFO',
  'SET_INFO',
  'OPLOCK_BREAK',
]

/** Commands of SMB 1 (MS-CIFS, 2.2.2.1) that are still met. */
const SMB1_COMMANDS: Readonly<Record<number, string>> = {
  0x00: 'CREATE_DIRECTORY',
  0x01: 'DELETE_DIRECTORY',
  0x02: 'OPEN',
  0x03: 'CREATE',
  0x04: 'CLOSE',
  0x05: 'FLUSH',
  0x06: 'DELETE',
  0x07: 'RENAME',
  0x08: 'QUERY_INFORMATION',
  0x0a: 'READ',
  0x0b: 'WRITE',
  0x10: 'CHECK_DIRECTORY',
  0x1d: 'WRITE_RAW',
  0x24: 'LOCKING_ANDX',
  0x25: 'TRANS',
  0x2b: 'ECHO',
  0x2d: 'OPEN_ANDX',
  0x2e: 'READ_ANDX',
  0x2f: 'WRITE_ANDX',
  0x32: 'TRANS2',
  0x33: 'TRANS2_SECONDARY',
  0x34: 'FIND_CLOSE2',
  0x71: 'TREE_DISCONNECT',
  0x72: 'NEGOTIATE_PROTOCOL',
  0x73: 'SESSION_SETUP_ANDX',
  0x74: 'LOGOFF_ANDX',
  0x75: 'TREE_CONNECT_ANDX',
  0x80: 'QUERY_INFORMATION_DISK',
  0xa0: 'NT_TRANS',
  0xa1: 'NT_TRANS_SECONDARY',
  0xa2: 'NT_CREATE_ANDX',
  0xa4: 'NT_CANCEL',
}

export function smb2Command(code: number): string {
  return `SMB2_COMMAND_${SMB2_COMMANDS[code] ?? code}`
}

export function smb1Command(code: number): string {
  return `SMB1_COMMAND_${SMB1_COMMANDS[code] ?? `0x${code.toString(16).padStart(2, '0')}`}`
}

/** Statuses (MS-ERREF, 2.3.1) that tell something about what is tried. */
const STATUSES: Readonly<Record<number, string>> = {
  0: 'STATUS_SUCCESS',
  0x103: 'STATUS_PENDING',
  0x10b: 'STATUS_NOTIFY_CLEANUP',
  0x10c: 'STATUS_NOTIFY_ENUM_DIR',
  0x8000_0005: 'STATUS_BUFFER_OVERFLOW',
  0x8000_0006: 'STATUS_NO_MORE_FILES',
  0x8000_002d: 'STATUS_STOPPED_ON_SYMLINK',
  0xc000_0001: 'STATUS_UNSUCCESSFUL',
  0xc000_0002: 'STATUS_NOT_IMPLEMENTED',
  0xc000_0003: 'STATUS_INVALID_INFO_CLASS',
  0xc000_0008: 'STATUS_INVALID_HANDLE',
  0xc000_000d: 'STATUS_INVALID_PARAMETER',
  0xc000_000e: 'STATUS_NO_SUCH_DEVICE',
  0xc000_000f: 'STATUS_NO_SUCH_FILE',
  0xc000_0010: 'STATUS_INVALID_DEVICE_REQUEST',
  0xc000_0011: 'STATUS_END_OF_FILE',
  0xc000_0016: 'STATUS_MORE_PROCESSING_REQUIRED',
  0xc000_0022: 'STATUS_ACCESS_DENIED',
  0xc000_0023: 'STATUS_BUFFER_TOO_SMALL',
  0xc000_0033: 'STATUS_OBJECT_NAME_INVALID',
  0xc000_0034: 'STATUS_OBJECT_NAME_NOT_FOUND',
  0xc000_0035: 'STATUS_OBJECT_NAME_COLLISION',
  0xc000_003a: 'STATUS_OBJECT_PATH_NOT_FOUND',
  0xc000_0043: 'STATUS_SHARING_VIOLATION',
  0xc000_0056: 'STATUS_DELETE_PENDING',
  0xc000_005e: 'STATUS_NO_LOGON_SERVERS',
  0xc000_0064: 'STATUS_NO_SUCH_USER',
  0xc000_006a: 'STATUS_WRONG_PASSWORD',
  0xc000_006d: 'STATUS_LOGON_FAILURE',
  0xc000_006e: 'STATUS_ACCOUNT_RESTRICTION',
  0xc000_006f: 'STATUS_INVALID_LOGON_HOURS',
  0xc000_0070: 'STATUS_INVALID_WORKSTATION',
  0xc000_0071: 'STATUS_PASSWORD_EXPIRED',
  0xc000_0072: 'STATUS_ACCOUNT_DISABLED',
  0xc000_00ac: 'STATUS_PIPE_NOT_AVAILABLE',
  0xc000_00ad: 'STATUS_PIPE_BUSY',
  0xc000_00b0: 'STATUS_PIPE_DISCONNECTED',
  0xc000_00ba: 'STATUS_FILE_IS_A_DIRECTORY',
  0xc000_00bb: 'STATUS_NOT_SUPPORTED',
  0xc000_00c9: 'STATUS_NETWORK_NAME_DELETED',
  0xc000_00ca: 'STATUS_NETWORK_ACCESS_DENIED',
  0xc000_00cc: 'STATUS_BAD_NETWORK_NAME',
  0xc000_0101: 'STATUS_DIRECTORY_NOT_EMPTY',
  0xc000_0103: 'STATUS_NOT_A_DIRECTORY',
  0xc000_0120: 'STATUS_CANCELLED',
  0xc000_0128: 'STATUS_FILE_CLOSED',
  0xc000_0133: 'STATUS_TIME_DIFFERENCE_AT_DC',
  0xc000_015b: 'STATUS_LOGON_TYPE_NOT_GRANTED',
  0xc000_0193: 'STATUS_ACCOUNT_EXPIRED',
  0xc000_0203: 'STATUS_USER_SESSION_DELETED',
  0xc000_0205: 'STATUS_INSUFF_SERVER_RESOURCES',
  0xc000_020c: 'STATUS_CONNECTION_DISCONNECTED',
  0xc000_0224: 'STATUS_PASSWORD_MUST_CHANGE',
  0xc000_0225: 'STATUS_NOT_FOUND',
  0xc000_0234: 'STATUS_ACCOUNT_LOCKED_OUT',
  0xc000_0257: 'STATUS_PATH_NOT_COVERED',
  0xc000_035c: 'STATUS_NETWORK_SESSION_EXPIRED',
}

export function statusName(code: number): string {
  return STATUSES[code] ?? `0x${code.toString(16).padStart(8, '0')}`
}

/** Errors of class SRV in SMB 1 (MS-CIFS, 2.2.2.4) that are met. */
const SERVER_ERRORS: Readonly<Record<number, string>> = {
  1: 'SRV_ERROR',
  2: 'SRV_BADPW',
  4: 'SRV_ACCESS',
  5: 'SRV_BADTID',
  6: 'SRV_BADNETNAME',
  0x5b: 'SRV_BADUID',
}

/** Status of a client that does not know statuses of NT: class and number. */
export function dosStatusName(errorClass: number, code: number): string {
  if (errorClass === 0 && code === 0) return 'STATUS_SUCCESS'
  return (
    (errorClass === 2 ? SERVER_ERRORS[code] : undefined) ??
    `DOS_${errorClass}_0x${code.toString(16).padStart(4, '0')}`
  )
}

const DISPOSITIONS = ['SUPERSEDE', 'OPEN', 'CREATE', 'OPEN_IF', 'OVERWRITE', 'OVERWRITE_IF']

export function dispositionName(code: number): string {
  return `FILE_${DISPOSITIONS[code] ?? code}`
}

const DIALECTS: Readonly<Record<number, string>> = {
  0x0202: '2.02',
  0x0210: '2.10',
  0x0222: '2.22',
  0x0224: '2.24',
  0x02ff: '2.??',
  0x0300: '3.00',
  0x0302: '3.02',
  0x0310: '3.10',
  0x0311: '3.11',
}

export function dialectName(code: number): string {
  return DIALECTS[code] ?? `0x${code.toString(16).padStart(4, '0')}`
}

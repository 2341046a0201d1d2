/** An interface of Windows: its common name, and those of its calls that are worth naming. */
interface Interface {
  readonly name: string
  readonly operations: Readonly<Record<number, string>>
}

/** Interfaces that are told by name (MS-SCMR, MS-SAMR, MS-LSAD, MS-DRSR and others of Windows' open specifications). */
export const interfaces: ReadonlyMap<string, Interface> = new Map([
  [
    '367abb81-9844-35f1-ad32-98f038001003',
    {
      name: 'svcctl',
      operations: {
        0: 'CloseServiceHandle',
        1: 'ControlService',
        2: 'DeleteService',
        6: 'QueryServiceStatus',
        11: 'ChangeServiceConfigW',
        12: 'CreateServiceW',
        14: 'EnumServicesStatusW',
        15: 'OpenSCManagerW',
        16: 'OpenServiceW',
        17: 'QueryServiceConfigW',
        19: 'StartServiceW',
        23: 'ChangeServiceConfigA',
        24: 'CreateServiceA',
        27: 'OpenSCManagerA',
        28: 'OpenServiceA',
        31: 'StartServiceA',
        44: 'CreateServiceWOW64A',
        45: 'CreateServiceWOW64W',
        60: 'CreateWowService',
      },
    },
  ],
  [
    '12345778-1234-abcd-ef00-0123456789ac',
    {
      name: 'samr',
      operations: {
        0: 'SamrConnect',
        5: 'SamrLookupDomainInSamServer',
        6: 'SamrEnumerateDomainsInSamServer',
        7: 'SamrOpenDomain',
        11: 'SamrEnumerateGroupsInDomain',
        12: 'SamrCreateUserInDomain',
        13: 'SamrEnumerateUsersInDomain',
        15: 'SamrEnumerateAliasesInDomain',
        16: 'SamrGetAliasMembership',
        17: 'SamrLookupNamesInDomain',
        18: 'SamrLookupIdsInDomain',
        19: 'SamrOpenGroup',
        25: 'SamrGetMembersInGroup',
        33: 'SamrGetMembersInAlias',
        34: 'SamrOpenUser',
        36: 'SamrQueryInformationUser',
        37: 'SamrSetInformationUser',
        39: 'SamrGetGroupsForUser',
        40: 'SamrQueryDisplayInformation',
        47: 'SamrQueryInformationUser2',
        50: 'SamrCreateUser2InDomain',
        58: 'SamrSetInformationUser2',
        62: 'SamrConnect4',
        64: 'SamrConnect5',
      },
    },
  ],
  [
    '12345778-1234-abcd-ef00-0123456789ab',
    {
      name: 'lsarpc',
      operations: {
        6: 'LsarOpenPolicy',
        7: 'LsarQueryInformationPolicy',
        13: 'LsarEnumerateTrustedDomains',
        14: 'LsarLookupNames',
        15: 'LsarLookupSids',
        42: 'LsarRetrievePrivateData',
        44: 'LsarOpenPolicy2',
        45: 'LsarGetUserName',
        57: 'LsarLookupSids2',
        58: 'LsarLookupNames2',
        68: 'LsarLookupNames3',
        76: 'LsarLookupSids3',
        77: 'LsarLookupNames4',
      },
    },
  ],
  [
    'e3514235-4b06-11d1-ab04-00c04fc2dcd2',
    {
      name: 'drsuapi',
      operations: {
        0: 'DRSBind',
        2: 'DRSReplicaSync',
        3: 'DRSGetNCChanges',
        5: 'DRSReplicaAdd',
        12: 'DRSCrackNames',
        16: 'DRSDomainControllerInfo',
        17: 'DRSAddEntry',
      },
    },
  ],
  [
    '338cd001-2244-31f1-aaaa-900090003800',
    {
      name: 'winreg',
      operations: {
        2: 'OpenLocalMachine',
        6: 'BaseRegCreateKey',
        15: 'BaseRegOpenKey',
        17: 'BaseRegQueryValue',
        20: 'BaseRegSaveKey',
        22: 'BaseRegSetValue',
        31: 'BaseRegSaveKeyEx',
      },
    },
  ],
  [
    '4b324fc8-1670-01d3-1278-5a47bf6ee188',
    {
      name: 'srvsvc',
      operations: {
        8: 'NetrConnectionEnum',
        9: 'NetrFileEnum',
        12: 'NetrSessionEnum',
        14: 'NetrShareAdd',
        15: 'NetrShareEnum',
        16: 'NetrShareGetInfo',
        18: 'NetrShareDel',
        21: 'NetrServerGetInfo',
        28: 'NetrRemoteTOD',
      },
    },
  ],
  [
    '6bffd098-a112-3610-9833-46c3f87e345a',
    { name: 'wkssvc', operations: { 0: 'NetrWkstaGetInfo', 2: 'NetrWkstaUserEnum' } },
  ],
  [
    '1ff70682-0a51-30e8-076d-740be8cee98b',
    {
      name: 'atsvc',
      operations: { 0: 'NetrJobAdd', 1: 'NetrJobDel', 2: 'NetrJobEnum', 3: 'NetrJobGetInfo' },
    },
  ],
  [
    '86d35949-83c9-4044-b424-db363231fd0c',
    {
      name: 'ITaskSchedulerService',
      operations: {
        1: 'SchRpcRegisterTask',
        2: 'SchRpcRetrieveTask',
        6: 'SchRpcEnumFolders',
        7: 'SchRpcEnumTasks',
        12: 'SchRpcRun',
        13: 'SchRpcDelete',
        19: 'SchRpcEnableTask',
      },
    },
  ],
  ['378e52b0-c0a9-11cf-822d-00aa0051e40f', { name: 'sasec', operations: { 0: 'SASetAccountInformation' } }],
  [
    '12345678-1234-abcd-ef00-0123456789ab',
    {
      name: 'spoolss',
      operations: {
        0: 'RpcEnumPrinters',
        1: 'RpcOpenPrinter',
        9: 'RpcAddPrinterDriver',
        62: 'RpcRemoteFindFirstPrinterChangeNotification',
        65: 'RpcRemoteFindFirstPrinterChangeNotificationEx',
        69: 'RpcOpenPrinterEx',
        89: 'RpcAddPrinterDriverEx',
      },
    },
  ],
  [
    '12345678-1234-abcd-ef00-01234567cffb',
    {
      name: 'netlogon',
      operations: {
        4: 'NetrServerReqChallenge',
        5: 'NetrServerAuthenticate',
        6: 'NetrServerPasswordSet',
        15: 'NetrServerAuthenticate2',
        20: 'DsrGetDcName',
        26: 'NetrServerAuthenticate3',
        30: 'NetrServerPasswordSet2',
        39: 'NetrLogonSamLogonEx',
      },
    },
  ],
  [
    'c681d488-d850-11d0-8c52-00c04fd90f7e',
    {
      name: 'efsrpc',
      operations: { 0: 'EfsRpcOpenFileRaw', 4: 'EfsRpcEncryptFileSrv', 5: 'EfsRpcDecryptFileSrv' },
    },
  ],
  [
    'df1941c5-fe89-4e79-bf10-463657acf44d',
    {
      name: 'efsrpc',
      operations: { 0: 'EfsRpcOpenFileRaw', 4: 'EfsRpcEncryptFileSrv', 5: 'EfsRpcDecryptFileSrv' },
    },
  ],
  [
    '4fc742e0-4a10-11cf-8273-00aa004ae673',
    { name: 'netdfs', operations: { 12: 'NetrDfsAddStdRoot', 13: 'NetrDfsRemoveStdRoot' } },
  ],
  [
    'a8e0653c-2744-4389-a61d-7373df8b2292',
    { name: 'FssagentRpc', operations: { 8: 'IsPathSupported', 9: 'IsPathShadowCopied' } },
  ],
  ['82273fdc-e32a-18c3-3f78-827929dc23ea', { name: 'eventlog', operations: { 0: 'ElfrClearELFW' } }],
  [
    'e1af8308-5d1f-11c9-91a4-08002b14a0fa',
    { name: 'epmapper', operations: { 2: 'ept_lookup', 3: 'ept_map' } },
  ],
  [
    '76f03f96-cdfd-44fc-a22c-64950a001209',
    { name: 'IRemoteWinspool', operations: { 0: 'RpcAsyncOpenPrinter', 39: 'RpcAsyncAddPrinterDriver' } },
  ],
  [
    'd95afe70-a6d5-4259-822e-2c84da1ddb0d',
    {
      name: 'InitShutdown',
      operations: { 0: 'BaseInitiateShutdown', 1: 'BaseAbortShutdown', 2: 'BaseInitiateShutdownEx' },
    },
  ],
  [
    '99fcfec4-5260-101b-bbcb-00aa0021347a',
    { name: 'IOXIDResolver', operations: { 3: 'ServerAlive', 5: 'ServerAlive2' } },
  ],
  [
    '000001a0-0000-0000-c000-000000000046',
    { name: 'IRemoteSCMActivator', operations: { 3: 'RemoteGetClassObject', 4: 'RemoteCreateInstance' } },
  ],
  [
    '9556dc99-828c-11cf-a37e-00aa003240c7',
    { name: 'IWbemServices', operations: { 6: 'GetObject', 20: 'ExecQuery', 24: 'ExecMethod' } },
  ],
  ['f309ad18-d86a-11d0-a075-00c04fb68820', { name: 'IWbemLevel1Login', operations: { 6: 'NTLMLogin' } }],
])

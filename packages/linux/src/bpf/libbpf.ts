import { CodedError } from '@vedette/base'
import koffi from 'koffi'
import { lazily } from '../libc.ts'

/** A pointer of C as koffi gives it. */
export type Pointer = bigint | null

/** The part of libbpf 1.x that is used here, documented at https://libbpf.readthedocs.io/en/latest/api.html. */
export interface Libbpf {
  setPrint(callback: null): Pointer
  openMemory(bytes: Uint8Array, size: number, options: Uint8Array | null): Pointer
  load(object: Pointer): number
  close(object: Pointer): void
  findMap(object: Pointer, name: string): Pointer
  nextMap(object: Pointer, map: Pointer): Pointer
  reuseFd(map: Pointer, fd: number): number
  mapFd(map: Pointer): number
  mapKeySize(map: Pointer): number
  mapValueSize(map: Pointer): number
  mapMaxEntries(map: Pointer): number
  setMaxEntries(map: Pointer, entries: number): number
  findProgram(object: Pointer, name: string): Pointer
  programFd(program: Pointer): number
  setAutoload(program: Pointer, autoload: boolean): number
  setLogBuffer(program: Pointer, buffer: Uint8Array, size: number): number
  nextProgram(object: Pointer, program: Pointer): Pointer
  programName(program: Pointer): string
  attach(program: Pointer): Pointer
  destroyLink(link: Pointer): number
  updateElement(fd: number, key: Uint8Array, value: Uint8Array, flags: number): number
  deleteElement(fd: number, key: Uint8Array): number
  freezeMap(fd: number): number
  mapById(id: number): number
  lookupElement(fd: number, key: Uint8Array, value: Uint8Array): number
  lookupBatch(
    fd: number,
    from: Uint8Array | null,
    next: Uint8Array,
    keys: Uint8Array,
    values: Uint8Array,
    count: Uint8Array,
    options: null,
  ): number
  possibleProcessors(): number
  objectInfo(fd: number, info: Uint8Array, size: Uint8Array): number
  kernelBtf(): Pointer
  findType(btf: Pointer, name: string, kind: number): number
  freeBtf(btf: Pointer): void
}

/** Loads libbpf.so.1. @throws {CodedError} `no-libbpf` where the system has none */
export const libbpf: () => Libbpf = lazily(() => {
  const library = open()
  const bind = (name: string, result: string, ...parameters: string[]) =>
    library.func(name, result, parameters) as unknown
  const functions = {
    setPrint: bind('libbpf_set_print', 'void *', 'void *'),
    openMemory: bind('bpf_object__open_mem', 'void *', 'void *', 'size_t', 'void *'),
    load: bind('bpf_object__load', 'int', 'void *'),
    close: bind('bpf_object__close', 'void', 'void *'),
    findMap: bind('bpf_object__find_map_by_name', 'void *', 'void *', 'str'),
    nextMap: bind('bpf_object__next_map', 'void *', 'void *', 'void *'),
    reuseFd: bind('bpf_map__reuse_fd', 'int', 'void *', 'int'),
    mapFd: bind('bpf_map__fd', 'int', 'void *'),
    mapKeySize: bind('bpf_map__key_size', 'uint32_t', 'void *'),
    mapValueSize: bind('bpf_map__value_size', 'uint32_t', 'void *'),
    mapMaxEntries: bind('bpf_map__max_entries', 'uint32_t', 'void *'),
    setMaxEntries: bind('bpf_map__set_max_entries', 'int', 'void *', 'uint32_t'),
    findProgram: bind('bpf_object__find_program_by_name', 'void *', 'void *', 'str'),
    programFd: bind('bpf_program__fd', 'int', 'void *'),
    setAutoload: bind('bpf_program__set_autoload', 'int', 'void *', 'bool'),
    setLogBuffer: bind('bpf_program__set_log_buf', 'int', 'void *', 'void *', 'size_t'),
    nextProgram: bind('bpf_object__next_program', 'void *', 'void *', 'void *'),
    programName: bind('bpf_program__name', 'str', 'void *'),
    attach: bind('bpf_program__attach', 'void *', 'void *'),
    destroyLink: bind('bpf_link__destroy', 'int', 'void *'),
    updateElement: bind('bpf_map_update_elem', 'int', 'int', 'void *', 'void *', 'uint64_t'),
    deleteElement: bind('bpf_map_delete_elem', 'int', 'int', 'void *'),
    mapById: bind('bpf_map_get_fd_by_id', 'int', 'uint32_t'),
    freezeMap: bind('bpf_map_freeze', 'int', 'int'),
    lookupElement: bind('bpf_map_lookup_elem', 'int', 'int', 'void *', 'void *'),
    kernelBtf: bind('btf__load_vmlinux_btf', 'void *'),
    findType: bind('btf__find_by_name_kind', 'int', 'void *', 'str', 'uint32_t'),
    freeBtf: bind('btf__free', 'void', 'void *'),
    lookupBatch: bind(
      'bpf_map_lookup_batch',
      'int',
      'int',
      'void *',
      'void *',
      'void *',
      'void *',
      'void *',
      'void *',
    ),
    possibleProcessors: bind('libbpf_num_possible_cpus', 'int'),
    objectInfo: bind('bpf_obj_get_info_by_fd', 'int', 'int', 'void *', 'void *'),
  } as unknown as Libbpf
  // Standard error is not the library's: what went wrong is asked for and thrown.
  functions.setPrint(null)
  return functions
})

function open(): ReturnType<typeof koffi.load> {
  try {
    return koffi.load('libbpf.so.1')
  } catch (cause) {
    throw new CodedError(
      'no-libbpf',
      'Cannot load libbpf.so.1; on Debian and Ubuntu it is in the package libbpf1, on Fedora in libbpf',
      { cause },
    )
  }
}

import type { YaraConfig } from '../config.ts'
import type { External } from '../variables.ts'
import type { CompiledRules, YaraEngine } from '../engine.ts'
import { nativeTakes, openNativeEngine } from './native.ts'
import { openWasmEngine } from './wasm.ts'

/**
 * The engine that is asked for; `auto` is the native one where it loads.
 *
 * @throws when the native one is asked for by name and cannot be loaded
 */
export function openYaraEngine(
  wanted: YaraConfig['engine'],
  externals: Readonly<Record<string, External>>,
): YaraEngine {
  if (wanted === 'wasm') return openWasmEngine()
  try {
    const native = openNativeEngine()
    if (!Object.values(externals).every(nativeTakes)) return openWasmEngine()
    return withUnderstudy(native)
  } catch (error) {
    if (wanted === 'native') throw error
    return openWasmEngine()
  }
}

/** The native engine makes a number of a file name such as `123` and fails; such a file is scanned by the other one. */
function withUnderstudy(native: YaraEngine): YaraEngine {
  return {
    name: native.name,
    check: (text, externals) => native.check(text, externals),
    compile: (units, externals): CompiledRules => {
      const first = native.compile(units, externals)
      let second: CompiledRules | undefined
      return {
        scan: (data, variables) => {
          if (Object.values(variables).every(nativeTakes)) return first.scan(data, variables)
          second ??= openWasmEngine().compile(units, externals)
          return second.scan(data, variables)
        },
        [Symbol.dispose]: () => {
          first[Symbol.dispose]()
          second?.[Symbol.dispose]()
        },
      }
    },
  }
}

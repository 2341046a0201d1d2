import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openYaraEngine } from './engines/index.ts'
import { scanFile } from './file-scan.ts'
import { type LoadedYaraRules, loadYaraRules } from './load-yara-rules.ts'
import type { FileFinding } from './messages.ts'
import type { External } from './variables.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-yara-')))
})
afterEach(() => rmSync(folder, { recursive: true }))

const limits = { maxFileBytes: 1 << 20, mostMatches: 32, mostMeta: 64 }

describe.each(['native', 'wasm'] as const)('the %s engine', (name) => {
  function load(
    files: Readonly<Record<string, string>>,
    externals: Readonly<Record<string, External>> = {},
  ): LoadedYaraRules {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
    return loadYaraRules([folder], openYaraEngine(name, externals), externals)
  }

  async function findings(
    rules: LoadedYaraRules,
    data: string | Buffer,
    path = 'sample.bin',
  ): Promise<readonly FileFinding[]> {
    const result = await scanFile(rules, { path, data: Buffer.from(data) }, limits)
    return result.outcome === 'scanned' ? result.findings : []
  }

  const names = async (...args: Parameters<typeof findings>) =>
    (await findings(...args)).map(({ rule }) => rule.name)

  test('a comment that one file does not close takes no rule from the next', async () => {
    const rules = load({
      'a.yar': 'rule a { condition: true } /* open',
      'b.yar': 'rule b { condition: true } /* closed */ rule c { condition: true }',
      'd.yar': 'include "e.inc"\nrule d { condition: true } /* closed */ rule f { condition: true }',
      'e.inc': 'rule e { condition: true } /* open',
    })
    expect(await names(rules, 'x')).toEqual(expect.arrayContaining(['b', 'c', 'd', 'f']))
    // Every rule that is said to be loaded can be found.
    expect((await names(rules, 'x')).sort()).toEqual(rules.rules.map(({ text }) => text.name).sort())
  })

  test('gives the rule with its metadata, and what matched where', async () => {
    const rules = load({
      'a.yar': `rule hello : greeting T1059 { meta: title = "Hello" score = 70 strings: $a = "hello" $b = { 00 ff } $c = /w[a-z]+d/ condition: any of them }`,
    })
    expect(await findings(rules, Buffer.from('say hello world \x00\xff', 'latin1'))).toEqual([
      {
        rule: {
          name: 'hello',
          file: join(folder, 'a.yar'),
          tags: ['greeting', 'T1059'],
          meta: [
            { name: 'title', value: 'Hello' },
            { name: 'score', value: 70 },
          ],
        },
        matches: [
          { name: '$a', offset: 4, length: 5, data: 'hello' },
          { name: '$b', offset: 16, length: 2, data: '\\x00\\xff' },
          { name: '$c', offset: 10, length: 5, data: 'world' },
        ],
        matchCount: 3,
      },
    ])
  })

  test('private rules and patterns count, and are not told', async () => {
    const rules = load({
      'a.yar': `private rule helper { strings: $h = "hello" condition: $h }
        rule shown { strings: $x = "hel" private $y = "lo" condition: helper and all of them }`,
    })
    expect(await findings(rules, 'hello')).toMatchObject([
      { rule: { name: 'shown' }, matches: [{ name: '$y' }] },
    ])
  })

  test('a global rule decides over its own file alone, and names may be the same in two files', async () => {
    const rules = load({
      'a.yar': 'global rule large { condition: filesize > 100 } rule same { condition: true }',
      'b.yar': 'rule same { strings: $a = "x" condition: $a } rule other { condition: true }',
    })
    const found = await findings(rules, 'x')
    expect(found.map(({ rule }) => [rule.name, rule.file])).toEqual([
      ['same', join(folder, 'b.yar')],
      ['other', join(folder, 'b.yar')],
    ])
  })

  test('rules that share a pattern do not share what a file must be', async () => {
    const rules = load({
      'a.yar': 'rule program { strings: $x = "shared" condition: uint32(0) == 0x464c457f and $x }',
      'b.yar': 'rule small { strings: $x = "shared" condition: filesize < 4 and $x }',
      'c.yar':
        'rule text { strings: $x = "shared" condition: uint32(0) != 0x464c457f and $x // and that }\n }',
    })
    expect(await names(rules, 'it is shared')).toEqual(['text'])
  })

  test('external variables are those of the file and of the configuration', async () => {
    const rules = load(
      {
        'a.yar': `rule by_name { condition: filename == "shell.php" and extension == ".php" and filepath contains "/www/" }
          rule by_type { condition: filetype == "PHP" and owner == "" }
          rule by_number { condition: level == 3 and strict and customer == "acme" }`,
      },
      { level: 3, strict: true, customer: 'acme' },
    )
    expect(rules.problems).toEqual([])
    expect(await names(rules, '<?php', '/var/www/shell.php')).toEqual(['by_name', 'by_type', 'by_number'])
    expect(await names(rules, 'text', '/tmp/other')).toEqual(['by_number'])
  })

  test.each(['123', 'true', '-1', 'ünï', 'a b', '\u0000'])('a file may be called %j', async (path) => {
    const rules = load({ 'a.yar': 'rule a { condition: filename != "" and filepath != "x" }' })
    expect(await names(rules, 'x', path)).toEqual(['a'])
  })

  test('a text that looks like a number stays a text', async () => {
    const rules = load({ 'a.yar': 'rule a { condition: code == "007" }' }, { code: '007' })
    expect(rules.problems).toEqual([])
    expect(await names(rules, 'x')).toEqual(['a'])
  })

  test('leaves out what is faulty, says where and why, and loads the rest', async () => {
    const rules = load({
      'a.yar':
        'rule good { condition: true }\n\nrule bad {\n  condition: $missing\n}\nrule needs { condition: bad }\nrule last { condition: true }\n',
      'b.yar': 'import "magic"\nrule of_a_module { condition: true }',
      'c.yar': 'rule open { strings: $a = "never closed\n condition: $a }\nrule after { condition: true }',
      'd.yar': 'include "lib.inc"\n',
      'lib.inc': 'rule included { condition: nonsense }\nrule kept { condition: true }\n',
    })
    expect(rules.problems).toEqual([
      expect.objectContaining({ file: join(folder, 'b.yar'), line: 1, column: 1, code: 'unknown-module' }),
      expect.objectContaining({
        file: join(folder, 'a.yar'),
        line: 4,
        column: 14,
        code: 'yara-e025',
        message: 'unknown pattern `$missing`',
        hint: 'this pattern is not declared in the `strings` section',
      }),
      expect.objectContaining({ file: join(folder, 'a.yar'), line: 6, column: 25, code: 'yara-e009' }),
      expect.objectContaining({ file: join(folder, 'c.yar'), line: 1, code: 'yara-e001' }),
      expect.objectContaining({ file: join(folder, 'lib.inc'), line: 1, column: 28, code: 'yara-e009' }),
    ])
    expect(await names(rules, 'x')).toEqual(['good', 'last', 'after', 'kept'])
  })

  test('of a pattern that is everywhere only some places are told, and all of them counted', async () => {
    const rules = load({ 'a.yar': 'rule a { strings: $a = "ab" $b = "end" condition: #a > 900 and $b }' })
    const [finding] = await findings(rules, `${'ab'.repeat(1000)}end`)
    expect(finding?.matchCount).toBe(1001)
    expect(finding?.matches).toHaveLength(32)
    expect(finding?.matches.map((match) => match.name)).toContain('$b')
  })

  test('modules of both builds are there', async () => {
    const rules = load({
      'a.yar':
        'import "hash" import "math" import "string" rule a { condition: hash.md5(0, filesize) == "900150983cd24fb0d6963f7d28e17f72" and math.entropy(0, filesize) > 1 and string.length("x") == 1 }',
    })
    expect(await names(rules, 'abc')).toEqual(['a'])
  })

  test('no rules are no fault', async () => {
    const rules = load({})
    expect(rules.rules).toEqual([])
    expect(await names(rules, 'x')).toEqual([])
  })
})

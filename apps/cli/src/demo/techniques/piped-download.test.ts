import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { pipedDownload } from './piped-download.ts'
import { Processes } from '../processes.ts'

test('a download that never comes ends with the technique, and leaves no server', async () => {
  const programs = mkdtempSync(join(tmpdir(), 'vedette-download-'))
  writeFileSync(join(programs, 'curl'), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
  vi.stubEnv('PATH', `${programs}:/usr/bin:/bin`)
  const processes = new Processes()
  try {
    const servers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
    const before = servers()
    await pipedDownload.act({
      scratch: programs,
      signal: AbortSignal.timeout(200),
      track: (child) => processes.add(child),
      watch: async () => false,
    })
    await expect.poll(servers).toBe(before)
  } finally {
    await processes.end()
    vi.unstubAllEnvs()
    rmSync(programs, { recursive: true })
  }
})

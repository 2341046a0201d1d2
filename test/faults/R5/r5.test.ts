import { needsRoot } from '@vedette/base/testing/needs-root'
import { testRow } from '../test-row.ts'
import { r5 } from './row.ts'

needsRoot()
testRow(r5)

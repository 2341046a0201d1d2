import { testRow } from '../test-row.ts'
import { r10 } from './row.ts'

testRow(r10)

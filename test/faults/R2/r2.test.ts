import { testRow } from '../test-row.ts'
import { r2 } from './row.ts'

testRow(r2)

import { testRow } from '../test-row.ts'
import { s12 } from './row.ts'

testRow(s12)

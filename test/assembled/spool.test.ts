import { runTogether } from './run-together.ts'

await runTogether('test/services/spool/*.test.ts')

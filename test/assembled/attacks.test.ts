import { runTogether } from './run-together.ts'

await runTogether('test/attack/*.test.ts')

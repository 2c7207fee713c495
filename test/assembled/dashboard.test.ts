import { runTogether } from './run-together.ts'

await runTogether('test/dashboard/*/*.test.ts')

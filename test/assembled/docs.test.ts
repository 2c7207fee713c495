import { runTogether } from './run-together.ts'

await runTogether('test/docs/*.test.ts')

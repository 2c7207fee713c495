import { runTogether } from './run-together.ts'

await runTogether('test/{examples,scripts}/*.test.ts')

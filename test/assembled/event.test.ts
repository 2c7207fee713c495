import { runTogether } from './run-together.ts'

await runTogether('test/services/{config,event}/*.test.ts')

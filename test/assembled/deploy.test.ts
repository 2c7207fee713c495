import { runTogether } from './run-together.ts'

await runTogether('test/{deploy,examples,scripts}/*.test.ts')

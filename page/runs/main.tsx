import '../parts/theme.css'
import '../parts/controls.css'
import './runs.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { follow } from './server.ts'

follow()
render(<App />, document.getElementById('app')!)

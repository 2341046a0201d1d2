import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { listenToKeys } from './keys/use-keys.ts'
import { followSystemTheme } from './preferences.ts'
import { fetchPages, router } from './router.tsx'
import { SessionGate } from './session/session.tsx'
import './styles/index.css'

followSystemTheme()
listenToKeys()

const root = document.querySelector('#root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <SessionGate>
      <RouterProvider router={router} />
    </SessionGate>
  </StrictMode>,
)

// Not before the first page, which may want the line for itself.
requestIdleCallback(() => void fetchPages())

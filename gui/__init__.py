"""The desktop app: a window on `audioclip_search`.

`app` wires, `controllers` hold state and ask the engine, `models` are Qt item models, `views` lay out, `player` sounds.
The library itself lives in a process of its own (`backend`, without Qt), so that the window never waits for it.
"""

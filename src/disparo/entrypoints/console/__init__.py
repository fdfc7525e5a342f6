"""The operator's console: pages made here, with our own style and a little of our own script.

An area is a module with `router(console: Console) -> APIRouter`, its templates in `templates/<area>/`, its English in
`locale/en/<area>.po`; `routes.py` lists the areas. docs/console-pages.md says how to write a page.
"""

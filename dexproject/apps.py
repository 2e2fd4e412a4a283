from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "dexproject"
    verbose_name = "The program as a whole"

    def ready(self) -> None:
        import dexproject.checks  # noqa: F401  (registers them)

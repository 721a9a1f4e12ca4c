"""The Matrix connector. Its section of `bots.yaml` is `config.schema.MatrixSection`; its library is imported when it is made."""

from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.model.errors import NotConfigured

__all__ = ["make_connector"]


def make_connector(context: ConnectorContext) -> Connector:
    """Make the Matrix connector for one start. Raises `NotConfigured` when its library is not installed."""
    try:
        from parachute_core.connectors.matrix.connector import Matrix
    except ImportError as error:
        raise NotConfigured(f"Matrix needs the extra parachute-core[matrix]: {error}") from error
    return Matrix(context)

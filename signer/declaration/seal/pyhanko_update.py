"""The update that bears a seal, written by pyHanko: for files of any shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    InvisSigSettings,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
)
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import constants
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from signer.declaration.seal.cms_signature import DIGEST
from signer.declaration.seal.validation_data import ValidationData
from signer.errors import SealError


class Update(IncrementalPdfFileWriter):
    """An update that leaves the document's description of itself alone.

    pyHanko would name itself as the producer, in two places that PDF/A wants equal,
    with a time from another clock than ours.
    """

    def _update_meta(self) -> None:
        pass


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (PdfError, SigningError) as error:
        raise SealError(f"cannot be sealed: {error}") from error


@_refusals()
def embed(  # noqa: PLR0913 - what a seal is made of, by name
    pdf: bytes,
    *,
    name: str,
    title: str,
    reserved: int,
    at: datetime,
    sign: Callable[[bytes], bytes],
    data: ValidationData | None = None,
) -> bytes:
    """A file with a seal.

    Args:
        pdf: the file; its last line has an end.
        name: of the seal's field.
        title: what people read of the field.
        reserved: hexadecimal digits that the seal's value takes up.
        at: the time that the seal states, in UTC.
        sign: gives the seal's value for a SHA-256.
        data: what the seal covers besides; None for level B-B.

    Raises:
        SealError: it cannot be read or extended, or is encrypted or signed.
    """
    reader = PdfFileReader(BytesIO(pdf))
    if reader.encrypted or reader.embedded_signatures:
        raise SealError("cannot be sealed: it is encrypted or signed already")
    writer = Update.from_reader(reader)
    # ETSI EN 319 142-1 §5.1: tells readers of PDF 1.7 about the kind of signature.
    writer.register_extension(constants.ESIC_EXTENSION_1)
    if data is not None:
        data.write(writer)
    # PDF/UA forbids an untagged widget on the page, PDF/A forbids hiding it: it
    # stands outside the page, with a name for those who meet it.
    field = SigFieldSpec(
        name,
        invis_sig_settings=InvisSigSettings(box_out_of_bounds=True),
        readable_field_name=title,
    )
    steps = PdfCMSEmbedder(new_field_spec=field).write_cms(name, writer)
    next(steps)
    placeholder = SignatureObject(
        timestamp=at,
        subfilter=SigSeedSubFilter.PADES,
        bytes_reserved=reserved,
    )
    certify = SigMDPSetup(
        md_algorithm=DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES
    )
    steps.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=certify))
    output = BytesIO()
    prepared, _ = steps.send(SigIOSetup(md_algorithm=DIGEST, output=output))
    steps.send(sign(prepared.document_digest))
    return output.getvalue()

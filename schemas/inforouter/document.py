"""The document element. Source: dossier inforouter.md, section 3.7, GetDueTaskDocuments (Q8)."""

from dataclasses import dataclass

from schemas.inforouter.element import Element


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """`path` is the folder with backslashes; `version` is packed; dates are texts; `roles` None leaves them out."""

    number: int
    name: str
    path: str
    created: str
    changed: str
    checked_out_by: str
    checked_out_name: str
    type_number: int
    type_name: str
    version: int
    owner: str
    owner_number: int
    workflow: int
    workflow_name: str
    step: int
    step_name: str
    domain: int
    domain_name: str
    folder: int
    folder_name: str
    size: int = 0
    description: str = ""
    importance: str = "Normal"
    approval: str = "NoResult"
    roles: str | None = None


def document(row: DocumentRow, *, packed: bool) -> Element:
    """`packed`: versions as 1000000 and importance as a word, as 9.0 writes them; else 1 and a number."""
    version = str(row.version if packed else row.version // 1_000_000)
    attributes = (
        ("DocumentID", str(row.number)),
        ("Name", row.name),
        ("Path", row.path),
        ("Description", row.description),
        ("UpdateInstructions", ""),
        ("CreationDate", row.created),
        ("ModificationDate", row.changed),
        ("CheckoutDate", ""),
        ("CheckoutBy", row.checked_out_name),
        ("CheckoutByUserName", row.checked_out_by),
        ("Size", str(row.size)),
        ("Type", ""),
        ("PercentComplete", "0"),
        ("CompletionDate", ""),
        ("Importance", row.importance if packed else "1"),
        ("RetentionDate", ""),
        ("DispositionDate", ""),
        ("CutoffDate", ""),
        ("RDDefId", "0"),
        ("ExpirationDate", ""),
        ("RegisterDate", row.created),
        ("RegisteredBy", row.owner),
        ("DocTypeID", str(row.type_number)),
        ("DocTypeName", row.type_name),
        *((("AIEnhanced", "0"), ("AIExtractConfidence", "0")) if packed else ()),
        ("VersionNumber", version),
        ("PublishedVersionNumber", version),
        ("PublishingRule", "LATEST"),
        ("OwnerName", row.owner),
        ("WorkflowId", str(row.workflow)),
        ("WorkflowName", row.workflow_name),
        ("WorkflowStepNumber", str(row.step)),
        ("WorkflowStepName", row.step_name),
        ("Author", ""),
        ("Language", ""),
        ("Source", ""),
        ("ApprovalStatus", row.approval),
        ("ClassificationLevel", "NoMarkings"),
        ("ClassificationLevelId", "0"),
        ("DeclassifyOn", ""),
        ("DomainId", str(row.domain)),
        ("DomainName", row.domain_name),
        ("DowngradeOn", ""),
        ("FolderId", str(row.folder)),
        ("Foldername", row.folder_name),
        ("IsShortcut", "FALSE"),
        ("TargetDocumentId", "0"),
        ("LastISOReviewDate", ""),
        ("NextISOReviewDate", ""),
        ("OwnerId", str(row.owner_number)),
        ("RegisterById", str(row.owner_number)),
        ("TemplateID", "0"),
        ("VersionCount", str(max(1, row.version // 1_000_000))),
        ("UserViewStatus", "0"),
        *((("DueTaskRoles", row.roles),) if row.roles is not None else ()),
    )
    return Element("document", attributes)
